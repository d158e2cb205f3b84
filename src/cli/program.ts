import { Command, Option } from 'commander'
import { fail } from './exit.ts'
import { addPipelines } from './pipeline-program.ts'

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
    .version('0.1.0')
    .showHelpAfterError('(run with --help to see what is possible)')
    .configureHelp({ sortSubcommands: false })
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  addCheck(root)
  addWatch(root)
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
    .option('--config <file>', 'declaration of the datasets', 'fiable.yaml')
    .action(async (data: string[], options) => (await import('./watch.ts')).watch(data, options))
}

function addOthers(root: Command): void {
  root
    .command('drill')
    .summary('spoil shadow copies of a dataset and say what would be caught')
    .argument('<dataset>', 'name of a checked dataset')
    .option('--batches <number>', 'newest batches to spoil', '12')
    .option('--fractions <shares>', 'shares of the rows to spoil, with commas', '0.02,0.1,0.3')
    .option('--seed <seed>', 'same seed, same drill', '1')
    .option('--output <file>', 'report (HTML; JSON beside it); in the store by default')
    .addOption(storeOption())
    .action(async (dataset: string, options) => (await import('./drill.ts')).runDrill(dataset, options))
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
