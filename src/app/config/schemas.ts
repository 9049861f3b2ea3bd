/** The key `schemas`: what is known of events beside what Inlet knows itself. */
import { z } from 'zod'
import { filePath } from './kinds.ts'

export const schemas = z
  .strictObject({
    dir: filePath({
      description:
        'A folder of schemas of your own, one a file: `{"topic": "...", "version": 2, "schema": {...}}`. It need not be there. What `inlet schema approve` puts in force is kept in the lake instead.',
      example: './schemas',
    }).prefault('./schemas'),
  })
  .meta({ description: 'What fields events have: what a schema does not know is masked and told.' })
