import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import type { Command } from 'commander'
import { buildProgram } from '../../../src/cli/program.ts'
import { type Desk, openDesk, plainConfig, quietShell } from '../../support/shell.ts'

suite('the command line', () => {
  let desk: Desk
  before(async () => {
    desk = await openDesk({ environment: { SECRET: 'hunter2-hunter2' } })
  })
  after(() => desk.dispose())

  test('shows help of every command, each with an example', async () => {
    for (const name of commandNames()) {
      const { code, stdout } = await desk.run(...name, '--help')
      assert.equal(code, 0)
      assert.match(stdout, new RegExp(`Usage: inlet ${name.join(' ')} `))
      if (name.join(' ') !== 'journal') assert.match(stdout, /Examples:\n {2}\$ inlet /)
    }
  })

  test('says its version', async () => {
    assert.deepEqual(await desk.run('--version'), { code: 0, stdout: '1.2.3\n', stderr: '' })
  })

  test('to erase without a key is a configuration to be mended', async () => {
    const { code, stderr } = await desk.run('erase', '--phone', '+13175551234')
    assert.equal(code, 2)
    assert.match(stderr, /Set privacy\.key .*\(INL_PRV_KEY_NEEDED\)/)
  })

  test('without a command shows how it is used, which is a wrong call', async () => {
    const { code, stdout, stderr } = await desk.run()
    assert.deepEqual([code, stdout], [2, ''])
    assert.match(stderr, /Usage: inlet/)
  })

  test('answers a wrong call with what was meant', async () => {
    const { code, stderr } = await desk.run('stauts')
    assert.equal(code, 2)
    assert.match(stderr, /Did you mean status/)
  })

  test('answers a wrong call with one JSON object where JSON is asked for', async () => {
    for (const args of [['stauts'], ['status', '--nope'], ['journal', 'inspect', '--limit', 'x']]) {
      const { code, stdout, stderr } = await desk.run(...args, '--json')
      assert.deepEqual([code, stdout], [2, ''])
      assert.equal(JSON.parse(stderr).error.code, 'INL_CLI_USAGE')
    }
  })

  test('names a configuration that is not there, and the option', async () => {
    const { code, stderr } = await desk.run('status', '--config', 'elsewhere.yaml')
    assert.equal(code, 2)
    assert.match(stderr, /elsewhere\.yaml cannot be read: there is no such file.*--config FILE/)
    assert.doesNotMatch(stderr, /\n {4}at /)
  })

  test('shows where an error happened to whoever asks', async () => {
    const { stderr } = await desk.run('status', '--config', 'elsewhere.yaml', '--verbose')
    assert.match(stderr, /\n {4}at /)
    const json = await desk.run('status', '-c', 'elsewhere.yaml', '--verbose', '--json')
    assert.match(JSON.parse(json.stderr).error.stack, /\n {4}at /)
  })

  test('ends any command by 2 where the configuration is wrong, telling all of it', async () => {
    await desk.write('wrong.yaml', `${plainConfig}dedup: { window: 5 minutes }\njurnal: {}\n`)
    const commands = ['run', 'gateway', 'loader', 'doctor', 'status', 'audit', 'trace x']
    for (const command of [...commands, 'query x', 'journal inspect', 'simulate']) {
      const { code, stderr } = await desk.run(...command.split(' '), '-c', 'wrong.yaml')
      assert.equal(code, 2, command)
      assert.match(stderr, /wrong\.yaml:7:10: dedup\.window[\s\S]*wrong\.yaml:8:1: jurnal/)
    }
  })

  test('tells which secrets are missing', async () => {
    await desk.write(
      'secrets.yaml',
      plainConfig.replace('auth: none', 'auth: { apiKey: { secrets: [{ env: MISSING }] } }'),
    )
    for (const command of ['check-config', 'simulate']) {
      const { code, stderr } = await desk.run(command, '-c', 'secrets.yaml')
      assert.equal(code, 2, command)
      assert.match(stderr, /the environment variable MISSING is not set/)
    }
  })
})

suite('check-config', () => {
  let desk: Desk
  before(async () => {
    desk = await openDesk({ environment: { SECRET: 'hunter2-hunter2' } })
    await desk.write(
      'proofs.yaml',
      plainConfig.replace(
        'auth: none',
        'auth: { hmac: { header: X-Sig, secrets: [{ env: SECRET }] } }, contract: eventbridge',
      ),
    )
  })
  after(() => desk.dispose())

  test('tells what will be, and no secret', async () => {
    const { code, stdout } = await desk.run('check-config', '-c', 'proofs.yaml')
    assert.equal(code, 0)
    assert.match(stdout, /is sound\.[\s\S]*POST \/events, hmac in X-Sig, 1 secret, eventbridge/)
    assert.match(stdout, /may repeat for 5d/)
    assert.doesNotMatch(stdout, /hunter2/)
  })

  test('tells of a time that is signed', async () => {
    const text = plainConfig.replace(
      'auth: none',
      'auth: { hmac: { header: X-Sig, timestamp: { header: X-Time }, secrets: [{ env: SECRET }] } }',
    )
    await desk.write('timed.yaml', text)
    const { stdout } = await desk.run('check-config', '-c', 'timed.yaml')
    assert.match(stdout, /hmac in X-Sig over X-Time within 5m, 1 secret/)
  })

  test('tells what is left out, what is urgent and what is told of', async () => {
    const rules = `auth: none,
    accept: { queues: [q1, q2], directions: [inbound], exclude: [{ field: data.x, equals: true }] },
    priorities: { high: [customer.end], low: [interaction] },
    limits: { eventsPerSecond: 10, overload: shed }`
    await desk.write('rules.yaml', plainConfig.replace('auth: none', rules))
    const { stdout, stderr } = await desk.run('check-config', '-c', 'rules.yaml')
    assert.match(stdout, /shed under overload, only queues q1 or q2 and directions inbound/, stderr)
    assert.match(stdout, /without data\.x = true, urgent: customer\.end, may wait: interaction/)
    assert.match(stdout, /privacy holds +for what comes; .* after inlet rebuild silver/)
    assert.match(stdout, /alerts +a source silent for 10m, or with more than 0\.1 of its events/)
  })

  test('tells where rows go besides the lake, and refuses to send them in plain', async () => {
    const sinks = (url: string) => `${plainConfig}sinks:
  - { name: crm, kind: https, url: "${url}", tables: [silver.interactions] }
  - { name: warehouse, kind: postgres, url: { env: SECRET } }
`
    await desk.write('sinks.yaml', sinks('https://crm.example.com/rows'))
    const { stdout } = await desk.run('check-config', '-c', 'sinks.yaml')
    assert.match(
      stdout,
      /sink crm +silver\.interactions to https:\/\/crm\.example\.com\/rows, every 10s/,
    )
    assert.match(stdout, /sink warehouse +all of silver to postgres, schema inlet/)
    await desk.write('sinks.yaml', sinks('http://crm.example.com/rows'))
    const refused = await desk.run('check-config', '-c', 'sinks.yaml')
    assert.equal(refused.code, 2)
    assert.match(refused.stderr, /sinks\[0\]\.url: would send rows over plain HTTP/)
  })

  test('tells where an organisation is asked, and what cannot be read for it', async () => {
    const org = 'name: prod, orgId: 32aa07aa-db1b-4987-abd0-9483601ec29d, host: mypurecloud.de'
    const client = (secret: string) => `clientId: { env: SECRET }, clientSecret: { env: ${secret} }`
    await desk.write('orgs.yaml', `${plainConfig}orgs: [{ ${org}, ${client('SECRET')} }]`)
    const { stdout } = await desk.run('check-config', '-c', 'orgs.yaml')
    assert.match(stdout, /organisation prod +mypurecloud\.de/)
    assert.doesNotMatch(stdout, /hunter2/)
    await desk.write('orgs.yaml', `${plainConfig}orgs: [{ ${org}, ${client('ABSENT')} }]`)
    const refused = await desk.run('check-config', '-c', 'orgs.yaml')
    assert.equal(refused.code, 2)
    assert.match(refused.stderr, /orgs\[0\]\.clientSecret: the environment variable ABSENT is not/)
  })

  test('tells the same as JSON', async () => {
    const { stdout } = await desk.run('check-config', '-c', 'proofs.yaml', '--json')
    const { valid, sources, journal } = JSON.parse(stdout)
    assert.equal(valid, true)
    assert.deepEqual(sources[0].proofs, ['hmac in X-Sig, 1 secret'])
    assert.equal(sources[0].retryWindow, 5 * 86_400_000)
    assert.equal(journal.dir, `${desk.folder}/data/journal`)
  })

  test('gives problems with their places as JSON', async () => {
    await desk.write('wrong.yaml', `${plainConfig}jurnal: {}\n`)
    const { code, stdout } = await desk.run('check-config', '-c', 'wrong.yaml', '--json')
    assert.equal(code, 2)
    const { valid, problems } = JSON.parse(stdout)
    assert.equal(valid, false)
    assert.deepEqual(
      { ...problems[0] },
      {
        line: 7,
        column: 1,
        key: 'jurnal',
        what: 'is no key of the configuration',
        remedy: 'Did you mean "journal"?',
      },
    )
  })

  test('can look at a file on a machine without the secrets', async () => {
    await desk.write(
      'elsewhere.yaml',
      plainConfig.replace('auth: none', 'auth: { apiKey: { secrets: [{ env: ELSEWHERE }] } }'),
    )
    const strict = await desk.run('check-config', '-c', 'elsewhere.yaml', '--json')
    assert.equal(JSON.parse(strict.stdout).problems.length, 1)
    const { code } = await desk.run('check-config', '-c', 'elsewhere.yaml', '--without-secrets')
    assert.equal(code, 0)
  })

  test('tells of secrets and certificates at once', async () => {
    const tls = 'tls: { certFile: no.pem, keyFile: no.key }'
    const text = plainConfig.replace('port: 0', `port: 0, ${tls}`)
    assert.match(text, /no\.pem/)
    await desk.write('tls.yaml', text)
    const sound = await desk.run('check-config', '-c', 'tls.yaml')
    assert.equal(sound.code, 0)
    const file = `${desk.folder}/no.pem`
    const warning = `listen.tls.certFile: ${file} cannot be read: ENOENT`
    assert.equal(sound.stdout.split(warning).length, 2, sound.stdout)
    const secret = 'auth: { apiKey: { secrets: [{ env: ELSEWHERE }] } }'
    await desk.write('both.yaml', text.replace('auth: none', secret))
    const missing = await desk.run('check-config', '-c', 'both.yaml')
    assert.equal(missing.code, 2)
    assert.match(missing.stderr, /ELSEWHERE is not set[\s\S]*warning: .*no\.pem.*has 1 error/s)
    await desk.write('no.pem', 'nothing')
    await desk.write('no.key', 'nothing')
    const both = await desk.run('check-config', '-c', 'both.yaml', '--json')
    const { problems } = JSON.parse(both.stdout)
    assert.deepEqual(
      problems.map(({ key }: { key: string }) => key),
      ['listen.tls.certFile', 'sources[0].auth.apiKey.secrets[0]'],
    )
  })
})

/** Every command with those above it. */
function commandNames(): string[][] {
  const names = (command: Command, above: string[]): string[][] =>
    command.commands.flatMap((one) => {
      const path = [...above, one.name()]
      return [path, ...names(one, path)]
    })
  return names(buildProgram(quietShell), [])
}
