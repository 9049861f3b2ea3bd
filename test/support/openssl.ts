/** A small authority that is openssl's own, for what must not depend on certificates made here. */
import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { temporaryFolder } from './temporary.ts'

const extensions = `
[root]
basicConstraints=critical,CA:true
[middle]
basicConstraints=critical,CA:true,pathlen:0
keyUsage=critical,keyCertSign,cRLSign
[leaf]
extendedKeyUsage=clientAuth
`
const configuration = '[ca]\ndefault_ca=d\n[d]\ndatabase=index\ndefault_md=sha384\n'

export type Section = 'root' | 'middle' | 'leaf'

export interface OpensslPki {
  /** Makes `name`, signed by `issuer` or by itself, for five days. */
  make(name: string, section: Section, issuer?: string): void
  read(name: string): X509Certificate
  pem(name: string): string
  key(name: string): string
  /** The list of an authority, PEM, for three days. */
  crl(authority: string): string
  revoke(name: string, authority: string): void
  dispose(): Promise<void>
}

export async function opensslPki(): Promise<OpensslPki> {
  const { path, dispose } = await temporaryFolder()
  const openssl = (command: string) =>
    execFileSync('openssl', command.split(' '), { cwd: path, stdio: 'pipe' })
  const pem = (name: string) => readFileSync(`${path}/${name}.pem`, 'utf8')
  for (const [name, text] of Object.entries({ extensions, configuration, index: '' }))
    writeFileSync(`${path}/${name}`, text)
  return {
    pem,
    make(name, section, issuer) {
      const key = section === 'root' ? 'rsa:2048' : 'ec -pkeyopt ec_paramgen_curve:P-384'
      const subject = `-subj /O=Test/CN=${name}`
      openssl(`req -newkey ${key} -nodes -keyout ${name}.key ${subject} -out ${name}.csr`)
      const signer =
        issuer === undefined
          ? `-signkey ${name}.key`
          : `-CA ${issuer}.pem -CAkey ${issuer}.key -CAcreateserial`
      const what = `-extfile extensions -extensions ${section} -days 5 -out ${name}.pem`
      openssl(`x509 -req -in ${name}.csr ${signer} ${what}`)
    },
    key: (name) => readFileSync(`${path}/${name}.key`, 'utf8'),
    read: (name) => new X509Certificate(pem(name)),
    crl(authority) {
      const by = `-cert ${authority}.pem -keyfile ${authority}.key`
      return openssl(`ca -config configuration -gencrl ${by} -crldays 3`).toString()
    },
    revoke(name, authority) {
      const by = `-cert ${authority}.pem -keyfile ${authority}.key`
      openssl(`ca -config configuration -revoke ${name}.pem ${by}`)
    },
    dispose,
  }
}
