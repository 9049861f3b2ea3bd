/**
 * What a proof makes of its secrets (digests, signers), made anew only when they change.
 */
import type { LiveSecrets, SecretSet } from './live-secrets.ts'
import type { Verdict } from './proof.ts'

export class Keyring<Key> {
  readonly #secrets: LiveSecrets
  readonly #make: (secret: string) => Key
  #madeOf: SecretSet | null = null
  #keys: readonly Key[] = []

  constructor(secrets: LiveSecrets, make: (secret: string) => Key) {
    this.#secrets = secrets
    this.#make = make
  }

  /**
   * `unknown` instead of `wrong` while a secret is missing on our side: a sender that fits none of
   * the others may have used that one, and must not be told to give up.
   */
  judge(fits: (key: Key) => boolean): Verdict {
    const current = this.#secrets.current()
    if (current !== this.#madeOf) {
      this.#keys = current.values.map((secret) => this.#make(secret))
      this.#madeOf = current
    }
    if (this.#keys.some(fits)) return 'holds'
    return current.complete ? 'wrong' : 'unknown'
  }
}
