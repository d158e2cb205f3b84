export { checkCorruption } from './corruption-contract.ts'
export { checkDetector } from './detector-contract.ts'
export { checkRowDetector } from './row-detector-contract.ts'
