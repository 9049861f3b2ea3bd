/** The key `orgs[].host`: where an organisation is reached. */
import { z } from 'zod'

export const genesysHost = z
  .string()
  .regex(/^[A-Za-z0-9._:/[\]-]{1,253}$/)
  .meta({
    title: 'the domain of a region of Genesys Cloud (such as "mypurecloud.de")',
    description:
      'The domain of the region that the organisation is in, as in the address of its user interface behind "apps.". Or the address and port of `inlet simulate` on this machine.',
    examples: ['mypurecloud.de'],
  })
