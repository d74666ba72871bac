// The course that commands are about: the 30 days, or the one in the folder that DDLF_COURSE names.
import { loadCourse } from './load-course.ts'

export const { topics, experiments } = await loadCourse()
