/** The structural characters of JSON: bytes of UTF-8 and units of UTF-16 alike. */
export const newline = 0x0a
export const quote = 0x22
export const comma = 0x2c
export const colon = 0x3a
export const openArray = 0x5b
export const backslash = 0x5c
export const closeArray = 0x5d
export const openObject = 0x7b
export const closeObject = 0x7d
