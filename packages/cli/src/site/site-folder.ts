// Where the pages are made, and where they lie once they are built.
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UserError } from '@ddlf/tensor/errors'
import { ownCourse } from '../course-folders.ts'

/** The folder of the package in a checkout; an installed one is found as Node finds it. */
const CHECKOUT = fileURLToPath(new URL('../../../site/', import.meta.url))
const isCheckout = existsSync(join(CHECKOUT, 'astro.config.ts'))

/** The package that builds the pages. @throws UserError where it is not installed */
export function packageFolder(): string {
  if (isCheckout) return CHECKOUT
  try {
    return dirname(fileURLToPath(import.meta.resolve('@ddlf/site/package.json')))
  } catch (error) {
    throw new UserError(
      {
        rule: 'The pages are made by the package @ddlf/site.',
        received: 'it is not installed',
        next: 'npm install @ddlf/site',
      },
      { cause: error },
    )
  }
}

/** The folder of the built site: in the checkout, in the folder of an own course, or where the command is called. */
export const siteFolder = (): string =>
  ownCourse !== undefined ? join(ownCourse, 'dist') : isCheckout ? join(CHECKOUT, 'dist') : resolve('ddlf-site')
