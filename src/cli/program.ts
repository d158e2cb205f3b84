import { Command, Option } from 'commander'
import { dimensions } from '../data/dimension.ts'
import { fail } from './exit.ts'
import { addPipelines, runOptions } from './pipeline-program.ts'
import { VERSION } from './version.ts'

const FORMATS = ['text', 'json', 'junit', 'sarif', 'md']

/** Commands load what they need when they run: `--help` starts no engine. */
export async function run(argv: readonly string[]): Promise<void> {
  try {
    await program().parseAsync([...argv])
  } catch (thrown) {
    fail(thrown)
  }
}

const storeOption = () => new Option('--store <folder>', 'folder of the store').default('.fiable')

function program(): Command {
  const root = new Command('fiable')
    .description('Watches the batches of a table and says which can be trusted.')
    .version(VERSION)
    .showHelpAfterError('(run with --help to see what is possible)')
    .configureHelp({ sortSubcommands: false })
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  addCheck(root)
  addWatch(root)
  addTune(root)
  addIncidents(root)
  addExplain(root)
  addOthers(root)
  addPipelines(root)
  return root
}

function addSourceOptions(command: Command): Command {
  return command
    .option('--by <column>', 'date or time column that cuts the data into batches')
    .addOption(
      new Option('--every <period>', 'length of a batch when cut').choices(['hour', 'day', 'week', 'month']),
    )
    .option('--table <table>', 'table of a postgresql:// URL')
    .option('--query <sql>', 'query of a postgresql:// URL')
    .option('--time-zone <zone>', 'IANA time zone of calendar days')
    .option('--at-most <budget>', 'most alerts wanted, such as 2/week')
    .option('--name <name>', 'name of the dataset; made from the file names by default')
    .addOption(storeOption())
}

function addCheck(root: Command): void {
  addSourceOptions(root.command('check'))
    .summary('judge the newest batch of files, folders, globs or a database')
    .description(
      'Learns what is normal from the earlier batches and judges the newest. Without DATA, checks every dataset of fiable.yaml.\n' +
        'Exit code: 0 ok, 1 alert, 2 cannot judge.',
    )
    .argument('[data...]', 'files, globs, folders, or one postgresql:// URL')
    .option('--all', 'print the verdict of every batch, not of the newest only')
    .option('--plan', 'print batches, rows, bytes and estimated time; judge nothing')
    .addOption(new Option('--format <format>', 'how to print').choices(FORMATS).default('text'))
    .option('--output <file>', 'write there instead of to the terminal')
    .option('--config <file>', 'declaration of the datasets', 'fiable.yaml')
    .action(async (data: string[], options) => (await import('./check.ts')).check(data, options))
}

function addWatch(root: Command): void {
  addSourceOptions(root.command('watch'))
    .summary('keep judging what arrives')
    .description('Judges what is there, then every batch that arrives or is rewritten, until interrupted.')
    .argument('[data...]', 'folder, files, globs, a postgresql:// URL, or a fiable.yaml')
    .addOption(new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text'))
    .option('--interval <seconds>', 'seconds between two looks', '5')
    .addOption(
      new Option('--fire-drill <period>', 'prove at this pace that the alarm still rings').choices([
        'daily',
        'weekly',
        'monthly',
      ]),
    )
    .option('--config <file>', 'declaration of the datasets', 'fiable.yaml')
    .action(async (data: string[], options) => (await import('./watch.ts')).watch(data, options))
}

function addTune(root: Command): void {
  const command = root
    .command('tune')
    .summary('say how often to be called, and see what that would have made of the past')
    .description(
      'Replays the stored scores under another budget, shows what would have rung, and puts it in force at once.',
    )
    .argument('<dataset>', 'name of a checked dataset')
    .option('--at-most <budget>', 'most alerts wanted, such as 2/week')
    .option('--strict', 'keep to it in every single week (day, month)')
    .option('--no-strict', 'keep to it on average')
  for (const dimension of dimensions)
    command.option(`--${dimension} <budget>`, `its own part: 1/week, 25 %, or shared to have none`)
  command
    .option(
      '--floor <dimension=share...>',
      'share of the rows that may change without an alert: completeness=1%, or 0% to hear everything',
    )
    .addOption(
      new Option('--weights <which>', 'let detectors count as the last drill learnt, or each once').choices([
        'learnt',
        'even',
      ]),
    )
    .option('--dry-run', 'show the effect only')
    .option('--history', 'who set what, and when')
    .option('--revert <version>', 'put an earlier version in force again')
    .addOption(new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addOption(storeOption())
    .action(async (dataset: string, options) => (await import('./tune.ts')).tune(dataset, options))
}

const formatOption = () =>
  new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text')

function addIncidents(root: Command): void {
  const incidents = root
    .command('incidents')
    .summary('list what goes on, alerts grouped by cause, and settle it')
    .argument('[dataset]', 'name of a checked dataset; all by default')
    .option('--all', 'also those that are settled or over')
    .addOption(formatOption())
    .addOption(storeOption())
    .action(async (dataset: string | undefined, options) =>
      (await import('./incidents.ts')).listIncidents(dataset, options),
    )
  const onOne = (name: string, summary: string): Command =>
    incidents
      .command(name)
      .summary(summary)
      .argument('<id>', 'id of the incident, or its first four digits or more')
      .configureHelp({ showGlobalOptions: true })
  onOne('show', 'one incident with what was done about it').action(async (id: string, _, command: Command) =>
    (await import('./incidents.ts')).showIncident(id, command.optsWithGlobals()),
  )
  onOne('resolve', 'settle it; it opens again when it gets worse')
    .option('--note <text>', 'what was done', '')
    .action(async (id: string, { note }, command: Command) =>
      (await import('./incidents.ts')).actOnIncident(
        id,
        { kind: 'resolve', note },
        command.optsWithGlobals(),
      ),
    )
  onOne('reopen', 'take resolve or snooze back').action(async (id: string, _, command: Command) =>
    (await import('./incidents.ts')).actOnIncident(id, { kind: 'reopen' }, command.optsWithGlobals()),
  )
  onOne('snooze', 'leave it for a while; it opens again when it gets worse')
    .argument('<until>', 'span such as 4h, 3d or 2w, or a date')
    .action(async (id: string, until: string, _, command: Command) =>
      (await import('./incidents.ts')).snoozeIncident(id, until, command.optsWithGlobals()),
    )
  onOne('assign', 'say who looks after it')
    .argument('[person]', 'nobody when left out')
    .action(async (id: string, person: string | undefined, _, command: Command) =>
      (await import('./incidents.ts')).actOnIncident(
        id,
        { kind: 'assign', assignee: person ?? null },
        command.optsWithGlobals(),
      ),
    )
  onOne('comment', 'leave a comment')
    .argument('<text>', 'what to say')
    .action(async (id: string, text: string, _, command: Command) =>
      (await import('./incidents.ts')).actOnIncident(
        id,
        { kind: 'comment', text },
        command.optsWithGlobals(),
      ),
    )
  onOne('feedback', 'say of all its batches what they were')
    .argument('[word]', 'expected, false-alarm or real')
    .option('--undo', 'take the last feedback back')
    .action(async (id: string, word: string | undefined, { undo }, command: Command) =>
      (await import('./incidents.ts')).feedbackOnIncident(
        id,
        (await import('./feedback.ts')).feedbackOf(word, { undo }),
        command.optsWithGlobals(),
      ),
    )
  root
    .command('feedback')
    .summary('say what a batch was: expected, false-alarm or real')
    .description(
      'expected: it is the new normal. false-alarm: it was good all along. real: it was bad.\n' +
        'Moves the batch in or out of what is held for normal; --undo takes the last one back, as if never given.',
    )
    .argument('<dataset>', 'name of a checked dataset')
    .argument('<batch>', 'key of a judged batch')
    .argument('[word]', 'expected, false-alarm or real')
    .option('--undo', 'take the last feedback back')
    .addOption(formatOption())
    .addOption(storeOption())
    .action(async (dataset: string, batch: string, word: string | undefined, options) =>
      (await import('./feedback.ts')).feedback(dataset, batch, word, options),
    )
}

function addExplain(root: Command): void {
  root
    .command('explain')
    .summary('say why a batch was judged so, with SQL for the rows at fault')
    .argument('<dataset>', 'name of a checked dataset')
    .argument('[batch]', 'key of a judged batch; the newest by default')
    .option('--metrics <number>', 'metrics to rank', '12')
    .option('--causes', 'the rows or the column whose removal makes the batch normal again')
    .option('--rows [number]', 'the oddest rows by a trained model instead, and their cells at fault')
    .addOption(formatOption())
    .addOption(storeOption())
    .action(async (dataset: string, batch: string | undefined, options) =>
      options.rows === undefined
        ? (await import('./explain-batch.ts')).explainBatch(dataset, batch, options)
        : (await import('./explain-rows.ts')).explainRows(dataset, batch, options),
    )
}

function addOthers(root: Command): void {
  root
    .command('drill')
    .summary('spoil shadow copies of a dataset and say what would be caught')
    .argument('<dataset>', 'name of a checked dataset')
    .option('--batches <number>', 'newest batches to spoil', '12')
    .option(
      '--fractions <shares>',
      'shares of the rows to spoil, with commas, or log:4 for four drawn between 0.1 % and all',
      '0.02,0.1,0.3',
    )
    .option('--columns <number>', 'columns per corruption and batch', '1')
    .option('--corruptions <names>', 'corruptions to try, with commas; all by default')
    .option('--selectors <names>', 'rows: random, given-other, given-value, segment, block, tail', 'random')
    .option('--shapes <names>', 'course of the faults: once, step, ramp, intermittent', 'once')
    .option('--duration <batches>', 'batches that a fault lasts which does not come once', '6')
    .option('--at-once <number>', 'corruptions in one fault, 1 to 3', '1')
    .option('--children <number>', 'child processes; one per core by default')
    .option('--seed <seed>', 'same seed, same drill', '1')
    .option('--plan', 'print how many trials it would be and about how long; try nothing')
    .option('--long', 'begin even what would take more than ten minutes')
    .option(
      '--fire',
      'fire drill: one loud fault per dimension on the newest batch; exit 1 when one is not told',
    )
    .option('--output <file>', 'report (HTML; JSON beside it); in the store by default')
    .addOption(storeOption())
    .action(async (dataset: string, options) => (await import('./drill.ts')).runDrill(dataset, options))
  addRowModels(root)
  root
    .command('init')
    .summary('write a fiable.yaml for the data found here')
    .argument('[data...]', 'files, globs or folders')
    .option('--yes', 'ask nothing, take what was found')
    .action(async (data: string[], options) => (await import('./init.ts')).init(data, options))
  root
    .command('doctor')
    .summary('say whether everything Fiable needs works here')
    .addOption(storeOption())
    .action(async (options) => (await import('./doctor.ts')).doctor(options))
  root
    .command('console')
    .summary('serve the console')
    .option('--port <port>', 'port; the next free one when taken', '7400')
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .option('--demo', 'with three million flights to look at')
    .option('--config <file>', 'declaration of the datasets', 'fiable.yaml')
    .addOption(storeOption())
    .action(async (options) => (await import('./console.ts')).serveConsole(options))
}

const repeated = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

function addRowModels(root: Command): void {
  runOptions(root.command('train'))
    .summary('train a row model on the batches held for normal')
    .description(
      'Trains, tests under random corruption, and registers; what is better than the champion takes its place.\n' +
        'Killed, the same command goes on with what is complete.',
    )
    .argument('<dataset>', 'name of a checked dataset')
    .option('--model <member>', 'only this detector; may be given several times', repeated)
    .option('--set <member.setting=value>', 'a setting, such as autoencoder.steps=2000', repeated)
    .option('--seed <seed>', 'same seed, same model', '1')
    .option('--name <name>', 'name of the model; DATASET-rows by default')
    .option('--description <text>', 'what the model is for')
    .option('--owner <name>', 'who answers for it')
    .option('--shards <number>', 'shards that forest and autoencoder are trained in', '1')
    .action(async (dataset: string, options) => (await import('./train.ts')).train(dataset, options))
  runOptions(root.command('deploy'))
    .summary('put a registered row model into service, and test it there')
    .description(
      'Without --to, lets it judge the rows of batches to come; with --to, writes the folder that model servers take.\n' +
        'The deployed file must give the scores that were recorded when the model was made.',
    )
    .argument('<model>', 'name, name@version or name@alias')
    .option('--to <place>', 'a folder, or s3://bucket/prefix')
    .option('--alias <word>', 'what the version is called once it is in service', 'production')
    .action(async (model: string, options) => (await import('./deploy.ts')).deploy(model, options))
}
