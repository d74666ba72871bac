// @ddlf/lab/server: the local lab, which serves the course's pages together with the runs on this machine.
export { createLab, type Lab, type LabOptions } from './create-lab.ts'
export { serveLab, type ServedLab } from './serve-lab.ts'
