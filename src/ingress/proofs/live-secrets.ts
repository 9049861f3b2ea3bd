/**
 * The secrets that a proof is judged by. They may be exchanged while requests come, and they are
 * held where neither a message nor an inspection of what holds them shows them.
 */

export interface SecretSet {
  /** Any of them proves the sender. None is empty. */
  readonly values: readonly string[]
  /** False while one that belongs here could not be loaded: who fits none may still be right. */
  readonly complete: boolean
}

export interface LiveSecrets {
  /** Answers at once, with the same object as long as nothing has changed. */
  current(): SecretSet
}

/** Secrets that stay as they are. */
export function fixedSecrets(...values: readonly string[]): LiveSecrets {
  const set = { values: values.filter((value) => value !== ''), complete: true }
  return { current: () => set }
}
