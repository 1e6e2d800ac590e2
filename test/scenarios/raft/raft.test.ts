import { runScenarios } from '../golden.ts'
import { createRaftInterpreter } from './interpreter.ts'

runScenarios(import.meta.dirname, createRaftInterpreter)
