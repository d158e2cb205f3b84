import { type Command, Option } from 'commander'

const storeOption = () =>
  new Option('--store <place>', 'folder of the store, or the postgresql:// URL of a shared one').default(
    '.fiable',
  )
const formatOption = () =>
  new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text')
const repeated = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]
const componentsOption = () =>
  new Option('--components <module>', 'module that exports components; may be given several times').argParser(
    repeated,
  )
const artifactsOption = () =>
  new Option('--artifacts <place>', 'shared folder or s3://bucket/prefix of the artifacts of a shared store')

/** Pipelines, their runs, lineage and models. */
export function addPipelines(root: Command): void {
  addRun(root)
  addRuns(root)
  addTraces(root)
  addFleet(root)
}

/** Options of commands that run the steps of a pipeline. */
export const runOptions = (command: Command): Command =>
  command
    .addOption(storeOption())
    .addOption(artifactsOption())
    .addOption(componentsOption())
    .addOption(formatOption())
    .option('--parallel <number>', 'steps at once; the cores of this machine by default')
    .option('--fleet', 'let the workers of a shared store run the steps')
    .option('--no-cache', 'do every step anew')

function addRun(root: Command): void {
  runOptions(root.command('run'))
    .summary('run a pipeline')
    .description(
      'Runs a pipeline that comes with Fiable or is in a YAML file. Exit code: 0 complete, 2 failed or cancelled.',
    )
    .argument('<pipeline>', 'name, or a YAML file')
    .option('-p, --parameter <name=value>', 'a parameter; values are JSON or text', repeated)
    .option('--project <name>', 'project it belongs to', 'default')
    .option('--open-lineage <place>', 'file or URL for the OpenLineage events of the run')
    .action(async (pipeline: string, options) => (await import('./run.ts')).run(pipeline, options))
}

function addRuns(root: Command): void {
  const runs = root.command('runs').summary('list the runs of pipelines, and see, cancel or retry one')
  runs
    .command('list', { isDefault: true })
    .summary('list runs, newest first')
    .option('--limit <number>', 'at most so many', '20')
    .addOption(storeOption())
    .addOption(formatOption())
    .action(async (options) => (await import('./runs.ts')).list(options))
  runs
    .command('show')
    .summary('show the steps of a run')
    .argument('<run>', 'number of the run')
    .addOption(storeOption())
    .addOption(formatOption())
    .action(async (run: string, options) => (await import('./runs.ts')).show(run, options))
  runs
    .command('logs')
    .summary('print what the steps of a run printed')
    .argument('<run>', 'number of the run')
    .argument('[step]', 'only this step, such as shards/0/profile')
    .addOption(storeOption())
    .addOption(artifactsOption())
    .action(async (run: string, step: string | undefined, options) =>
      (await import('./runs.ts')).logs(run, step, options),
    )
  runs
    .command('cancel')
    .summary('end a run early')
    .argument('<run>', 'number of the run')
    .addOption(storeOption())
    .action(async (run: string, options) => (await import('./runs.ts')).cancel(run, options))
  runOptions(runs.command('retry'))
    .summary('go on with a run that failed, was cancelled, or lost its runner')
    .argument('<run>', 'number of the run')
    .action(async (run: string, options) => (await import('./run.ts')).retry(run, options))
}

function addTraces(root: Command): void {
  root
    .command('lineage')
    .summary('show what something was made of, and what was made of it')
    .argument('<what>', 'digest of an artifact, or DATASET/BATCH of a verdict')
    .option('--depth <number>', 'steps in a row', '20')
    .addOption(storeOption())
    .addOption(formatOption())
    .action(async (what: string, options) => (await import('./lineage.ts')).lineage(what, options))
  const models = root.command('models').summary('list the registered models, and see, compare or rename one')
  models
    .command('list', { isDefault: true })
    .summary('list the versions of all models, newest first')
    .argument('[dataset]', 'only models of this dataset')
    .addOption(storeOption())
    .addOption(formatOption())
    .action(async (dataset: string | undefined, options) =>
      (await import('./model-registry.ts')).list(dataset, options),
    )
  models
    .command('show')
    .summary('print the model card of a version')
    .argument('<model>', 'name, or name@version, or name@alias')
    .option('--output <file>', 'write it there; as a page when it ends with .html')
    .addOption(storeOption())
    .action(async (model: string, options) => (await import('./model-registry.ts')).show(model, options))
  models
    .command('compare')
    .summary('compare two versions')
    .argument('<one>', 'name@version or name@alias')
    .argument('<other>', 'name@version or name@alias')
    .addOption(storeOption())
    .addOption(formatOption())
    .action(async (one: string, other: string, options) =>
      (await import('./model-registry.ts')).compare(one, other, options),
    )
  models
    .command('alias')
    .summary('let champion, challenger or another word stand for a version')
    .argument('<version>', 'name@version')
    .argument('<alias>', 'the word')
    .addOption(storeOption())
    .action(async (version: string, alias: string, options) =>
      (await import('./model-registry.ts')).alias(version, alias, options),
    )
}

function addFleet(root: Command): void {
  root
    .command('worker')
    .summary('run steps of a fleet, until interrupted')
    .description(
      'Takes steps from the shared PostgreSQL; any number of workers on any number of machines may do so.',
    )
    .addOption(storeOption())
    .addOption(artifactsOption())
    .addOption(componentsOption())
    .option('--parallel <number>', 'steps at once; the cores of this machine by default')
    .action(async (options) => (await import('./worker.ts')).worker(options))
  root
    .command('step')
    .summary('run one component by the step contract of Kubeflow Pipelines')
    .argument('<name>', 'name of the component')
    .requiredOption('--executor-input <json>', 'ExecutorInput')
    .addOption(componentsOption())
    .action(async (name: string, options) => (await import('./step.ts')).step(name, options))
}
