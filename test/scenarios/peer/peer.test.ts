/** What lies above and below the Raft core, by golden scenarios: see test/scenarios/README.md. */
import { join } from 'node:path'

import { runScenarios } from '../golden.ts'
import { createMachineInterpreter } from './machine-interpreter.ts'
import { createPeersInterpreter } from './peers-interpreter.ts'
import { createStorageInterpreter } from './storage-interpreter.ts'

runScenarios(join(import.meta.dirname, 'machine'), createMachineInterpreter)
runScenarios(join(import.meta.dirname, 'storage'), createStorageInterpreter)
runScenarios(join(import.meta.dirname, 'peers'), createPeersInterpreter)
