export { checkDetector } from './detector-contract.ts'
