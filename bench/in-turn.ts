/** The things to compare, by name. Each is run once a round, and its result is kept. */
export type Contenders<Name extends string, Reading> = Readonly<Record<Name, () => Promise<Reading>>>;

/**
 * Lets all contenders have a turn in each round. Another one begins in the next round, so that none always comes after
 * the same other one.
 */
export async function inTurn<Name extends string, Reading>(
  contenders: Contenders<Name, Reading>,
  rounds: number,
  say: (text: string) => void,
): Promise<Record<Name, Reading[]>> {
  const names = Object.keys(contenders) as Name[];
  const readings = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Reading[]>;
  for (let round = 0; round < rounds; round += 1) {
    const first = round % names.length;
    for (const name of [...names.slice(first), ...names.slice(0, first)]) {
      say(`round ${round + 1} of ${rounds}: ${name}`);
      readings[name].push(await contenders[name]());
    }
  }
  return readings;
}
