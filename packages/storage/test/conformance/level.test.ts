import { LevelEnvironment } from '../../src/index.ts'
import { temporaryDirectory } from '../support/storages.ts'
import { keyValueSuite } from './key-value-suite.ts'

keyValueSuite('LevelEnvironment', async () => new LevelEnvironment(await temporaryDirectory()))
