#!/usr/bin/env node
// The `ddlf` command from a checkout: TypeScript through tsx.
import { register } from 'tsx/esm/api'

register()
await import('../packages/cli/src/bin.ts')
