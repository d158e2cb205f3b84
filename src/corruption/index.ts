import type { Params } from '../data/params.ts'
import { arithmeticBroken } from './arithmetic-broken.ts'
import { biasedSample } from './biased-sample.ts'
import { booleanSpelling } from './boolean-spelling.ts'
import { brokenEncoding } from './broken-encoding.ts'
import { caseChange } from './case-change.ts'
import { categoryMerge } from './category-merge.ts'
import { categoryPermutation } from './category-permutation.ts'
import { characterDelete } from './character-delete.ts'
import { characterInsert } from './character-insert.ts'
import { characterSubstitute } from './character-substitute.ts'
import { clamp } from './clamp.ts'
import { columnAdded } from './column-added.ts'
import { columnDropped } from './column-dropped.ts'
import { columnEmptied } from './column-emptied.ts'
import { columnRenamed } from './column-renamed.ts'
import { columnShuffled } from './column-shuffled.ts'
import { columnsShifted } from './columns-shifted.ts'
import { columnsSwapped } from './columns-swapped.ts'
import type { Corruption } from './corruption.ts'
import { dateFormatSwap } from './date-format-swap.ts'
import { decimalComma } from './decimal-comma.ts'
import { dependencyBroken } from './dependency-broken.ts'
import { digitPerturbation } from './digit-perturbation.ts'
import { doubleLoad } from './double-load.ts'
import { duplicatedKeys } from './duplicated-keys.ts'
import { epochUnits } from './epoch-units.ts'
import { exactDuplicates } from './exact-duplicates.ts'
import { explicitNulls } from './explicit-nulls.ts'
import { fahrenheit } from './fahrenheit.ts'
import { gaussianAnomaly } from './gaussian-anomaly.ts'
import { identifierSchemeChange } from './identifier-scheme-change.ts'
import { implicitNulls } from './implicit-nulls.ts'
import { keyCollapse } from './key-collapse.ts'
import { lateData } from './late-data.ts'
import { missingRows } from './missing-rows.ts'
import { modeFill } from './mode-fill.ts'
import { nearDuplicates } from './near-duplicates.ts'
import { newCategory } from './new-category.ts'
import { numberToText } from './number-to-text.ts'
import { orderBroken } from './order-broken.ts'
import { padding } from './padding.ts'
import { qwertyTypo } from './qwerty-typo.ts'
import { replayPrevious } from './replay-previous.ts'
import { rounding } from './rounding.ts'
import { rowsReordered } from './rows-reordered.ts'
import { scaleChange } from './scale-change.ts'
import { season } from './season.ts'
import { shuffledWithinGroup } from './shuffled-within-group.ts'
import { signFlip } from './sign-flip.ts'
import { slowDrift } from './slow-drift.ts'
import { stuckAt } from './stuck-at.ts'
import { timeZoneShift } from './time-zone-shift.ts'
import { timestampShift } from './timestamp-shift.ts'
import { trend } from './trend.ts'
import { truncation } from './truncation.ts'
import { unseenCategory } from './unseen-category.ts'
import { volumeChange } from './volume-change.ts'
import { volumeGrowth } from './volume-growth.ts'
import { whiteNoise } from './white-noise.ts'

/** Every built-in corruption, by dimension; the benign changes last. Adding one is one file, one line here, one test. */
export const corruptions: readonly Corruption<Params>[] = [
  qwertyTypo,
  characterInsert,
  characterDelete,
  characterSubstitute,
  digitPerturbation,
  caseChange,
  padding,
  brokenEncoding,
  truncation,
  dateFormatSwap,
  timeZoneShift,
  epochUnits,
  decimalComma,
  numberToText,
  booleanSpelling,
  identifierSchemeChange,
  nearDuplicates,
  duplicatedKeys,
  replayPrevious,
  doubleLoad,
  keyCollapse,
  exactDuplicates,
  implicitNulls,
  modeFill,
  columnEmptied,
  missingRows,
  volumeChange,
  columnDropped,
  columnAdded,
  columnRenamed,
  explicitNulls,
  gaussianAnomaly,
  whiteNoise,
  scaleChange,
  signFlip,
  fahrenheit,
  clamp,
  rounding,
  biasedSample,
  categoryPermutation,
  unseenCategory,
  categoryMerge,
  stuckAt,
  lateData,
  timestampShift,
  slowDrift,
  columnsSwapped,
  columnsShifted,
  columnShuffled,
  shuffledWithinGroup,
  dependencyBroken,
  arithmeticBroken,
  orderBroken,
  rowsReordered,
  volumeGrowth,
  newCategory,
  season,
  trend,
]
