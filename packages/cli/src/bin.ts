#!/usr/bin/env node
// The entry of the `ddlf` program.
import { main } from './main.ts'

await main()
