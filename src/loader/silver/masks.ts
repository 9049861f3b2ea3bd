/** What silver asks of privacy: SQL, so that personal columns are masked set by set. */

export interface Masks {
  /** SQL for `expression`, a column of VARCHAR, as the rules leave what stands at `field`. */
  readonly mask: (field: string, expression: string) => string
  /** The same for a column of VARCHAR[]. */
  readonly maskList: (field: string, expression: string) => string
  /**
   * The same for a column of VARCHAR that holds JSON, everything below `field` in it (empty for a
   * whole body). Where it is left out such columns are null.
   */
  readonly maskJson?: (field: string, expression: string) => string
}
