/** Parts of HTTP's grammar as parts of regular expressions; a character stands for a byte. */

/** RFC 9110, 5.6.2: names of methods, of headers, of chunk extensions. */
export const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"

/** RFC 9110, 5.5, with the whitespace around it: tabs are the only control characters. */
export const fieldValue = '[\\t -~\\x80-\\xff]*'

/** RFC 9112, 5: a line can neither be folded nor end in anything but CRLF. */
export const fieldLines = `(?:${token}:${fieldValue}\\r\\n)*`

/** RFC 9110, 5.6.4. */
export const quotedString = '"(?:[\\t !#-[\\]-~\\x80-\\xff]|\\\\[\\t -~\\x80-\\xff])*"'

const path = '[!-"$-~]*'
const host = "[A-Za-z0-9._~!*'()%;:&=+$,[\\]-]+"

/** RFC 9112, 3.2: a path, `*` or a URL; without fragments, and without users before a host. */
export const requestTarget = `/${path}|\\*|[A-Za-z]+://${host}(?:[/?]${path})?`
