/** What is known of an error of the catalogue; ./errors.ts says what each member means. */
export type Disposition = 'retry' | 'reject' | 'dead-letter' | 'fatal'

export interface ErrorEntry {
  readonly disposition: Disposition
  readonly status: number | null
  readonly message: string
  readonly remedy: string
}
