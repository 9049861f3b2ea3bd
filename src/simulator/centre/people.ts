/**
 * Invented people. Nobody can be reached by what is drawn here: telephone numbers are of the range
 * 555-0100 to 555-0199, which North America reserves for fiction, and e-mail addresses of
 * example.com.
 */
import type { Random } from '../../core/random.ts'
import { between, pick } from './draw.ts'

export interface Person {
  readonly name: string
  /** E.164. */
  readonly phone: string
  readonly email: string
}

const firstNames =
  'Ada Amara Ana Bilal Chen Chioma Dmitri Elif Emeka Eva Farah Goran Hana Ines Jamal Jonas Kaori Lena'
    .concat(
      ' Lukas Mateo Mei Nadia Noor Olga Omar Paulo Priya Ravi Rosa Sami Sofia Tomas Uma Yusuf',
    )
    .split(' ')
const lastNames =
  'Abara Bauer Costa Dubois Eriksen Fischer García Haddad Ivanova Jensen Kowalski Larsen Moreau Núñez'
    .concat(' Okafor Petrov Quist Rossi Sato Tanaka Ueda Varga Weber Xu Yıldız Zhang')
    .split(' ')

export function invent(random: Random): Person {
  const first = pick(random, firstNames)
  const last = pick(random, lastNames)
  const line = between(random, 100, 199)
  return {
    name: `${first} ${last}`,
    phone: `+1${between(random, 201, 989)}5550${line}`,
    email: `${first}.${last}.${random.below(10_000)}@example.com`.toLowerCase(),
  }
}
