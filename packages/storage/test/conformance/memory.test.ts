import { MemoryDisk } from '../../src/index.ts'
import { keyValueSuite } from './key-value-suite.ts'

keyValueSuite('MemoryDisk', async () => new MemoryDisk().mount())
