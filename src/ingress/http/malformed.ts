/** What is no HTTP, or may be read in two ways. The connection is closed without an answer. */
export class Malformed extends Error {
  override readonly name = 'Malformed'
}
