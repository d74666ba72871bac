// The pictures that a recorded run made, as files: a card of the plan shows them.
import { topics } from '@ddlf/course'
import type { APIRoute } from 'astro'
import { madePicturesOf, type MadePictures } from '../../build/pictures.ts'

export const getStaticPaths = () =>
  topics.flatMap(topic => {
    const made = madePicturesOf(topic)
    return made ? { params: { experiment: made.experiment }, props: { made } } : []
  })

export const GET: APIRoute<{ made: MadePictures }> = ({ props: { made } }) =>
  new Response(new Uint8Array(made.png), { headers: { 'content-type': 'image/png' } })
