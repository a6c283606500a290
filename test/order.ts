/** The order in which `npm test` takes its files: those that last longest first, so that none of them is waited for at the end. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files of a minute and more on two quiet cores, the longest first. Measured; one that is missing here only starts later. */
const LONG = [
  'flow/town',
  'flow/amber-kill',
  'e2e/town',
  'flow/faults-homeserver',
  'flow/rebuild',
  'flow/relay-kill',
  'flow/crash',
  'flow/amber',
  'e2e/look',
  'flow/amber-typed',
  'flow/amber-slow',
  'flow/relay',
  'flow/gaps',
  'flow/green-kill',
  'e2e/offline',
  'e2e/desk',
];
/** The pure ones last: short as they are, they fill the end evenly. */
const PROJECTS = ['e2e', 'flow', 'unit'];

/** Before all that is not named here. */
const rank = ({ moduleId, project }: TestSpecification): number => {
  const place = LONG.findIndex((name) => moduleId.includes(`/test/${name}.`));
  return place === -1 ? LONG.length + PROJECTS.indexOf(project.name) : place;
};

export class LongestFirst extends BaseSequencer {
  /** Among equals as vitest has it: what failed before, then what took longest, on a fresh checkout the largest. */
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}
