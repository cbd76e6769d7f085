/** An instruction of a Dockerfile, its continued lines joined: `RUN`, `npm ci`. */
export interface Instruction {
  readonly name: string;
  readonly rest: string;
}

export interface Stage {
  /** As other stages copy from it; '' for the last one. */
  readonly name: string;
  readonly instructions: readonly Instruction[];
}

/** The stages of a Dockerfile in order. */
export function stagesOf(dockerfile: string): Stage[] {
  const stages: { name: string; instructions: Instruction[] }[] = [];
  const text = dockerfile.replace(/^\s*#.*\n/gm, '').replace(/\\\n\s*/g, ' ');
  for (const line of text.split('\n')) {
    const [, name = '', rest = ''] = /^([A-Z]+) +(.*)$/.exec(line) ?? [];
    if (name === 'FROM') stages.push({ name: / AS (\S+)$/.exec(rest)?.[1] ?? '', instructions: [] });
    else if (name !== '') stages.at(-1)?.instructions.push({ name, rest });
    else if (line.trim() !== '') throw new Error(`no line of a Dockerfile: ${line}`);
  }
  return stages;
}

/** Whether `.dockerignore` (everything left out but what `!` names) lets a path into the build. */
export function letsThrough(dockerignore: string, path: string): boolean {
  const lines = dockerignore.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  if (lines[0] !== '*' || !lines.slice(1).every((line) => /^![\w.-]+$/.test(line))) {
    throw new Error('.dockerignore is not of the form that is understood here');
  }
  return lines.includes(`!${path.split('/')[0]}`);
}
