// Addresses inside the site, whatever base path it is built for.

/**
 * The address of a page or file of the site: `/30ddlf/mlp-on-mnist` becomes `/course/30ddlf/mlp-on-mnist` under the
 * base `/course/`.
 */
export const href = (path: string): string =>
  `${import.meta.env.BASE_URL.replace(/\/$/, '')}/${path.replace(/^\//, '')}`

/** The plan of the 30 days. */
export const PLAN = '/blog/30-days-of-deep-learning-fundamentals/'

/** Where a built topic page lies. */
export const topicHref = ({ permalink }: { readonly permalink: string }): string => href(`${permalink}/`)
