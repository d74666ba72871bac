// The parts that a memo may use without importing them.
import Calibration from './Calibration.astro'
import Claim from './Claim.astro'
import Code from './Code.astro'
import Compare from './Compare.astro'
import Confusion from './Confusion.astro'
import Curve from './Curve.astro'
import DepthTrainer from './DepthTrainer.astro'
import Exercise from './Exercise.astro'
import Explain from './Explain.astro'
import Figures from './Figures.astro'
import GptBox from './GptBox.astro'
import GptHeads from './GptHeads.astro'
import GptWords from './GptWords.astro'
import Graph from './Graph.astro'
import Grid from './Grid.astro'
import Guess from './Guess.astro'
import LearningRates from './LearningRates.astro'
import LeNetTrainer from './LeNetTrainer.astro'
import Measured from './Measured.astro'
import Minima from './Minima.astro'
import Mistakes from './Mistakes.astro'
import NamesTrainer from './NamesTrainer.astro'
import Profile from './Profile.astro'
import Published from './Published.astro'
import Question from './Question.astro'
import Recorded from './Recorded.astro'
import SearchSaving from './SearchSaving.astro'
import Source from './Source.astro'
import SpellSounds from './SpellSounds.astro'
import Study from './Study.astro'
import Term from './Term.astro'
import TryIt from './TryIt.astro'
import UnitTraces from './UnitTraces.astro'
import TryWords from './TryWords.astro'
import WordsTrainer from './WordsTrainer.astro'

export const memoComponents = {
  Calibration,
  Claim,
  Code,
  Compare,
  Confusion,
  Curve,
  DepthTrainer,
  Exercise,
  Explain,
  Figures,
  GptBox,
  GptHeads,
  GptWords,
  Graph,
  Grid,
  Guess,
  LearningRates,
  LeNetTrainer,
  Measured,
  Minima,
  Mistakes,
  NamesTrainer,
  Profile,
  Published,
  Question,
  Recorded,
  SearchSaving,
  Source,
  SpellSounds,
  Study,
  Term,
  TryIt,
  UnitTraces,
  TryWords,
  WordsTrainer,
}
