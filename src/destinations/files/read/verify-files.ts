import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { allTables, exportedUsers, rowTables, unexportedUsers } from '../../../rows/tables.ts';
import type { RunRecord } from '../../contract/destination.ts';
import { byCode, exactly, unknowable, type Verification } from '../../contract/verification.ts';
import { exists } from '../../exists.ts';
import type { FileContent } from '../formats/file-content.ts';
import { formatNamed } from '../formats/formats.ts';
import { otherFiles, shortList } from '../other-files.ts';
import { isPublishing } from '../publish.ts';
import type { Layout } from '../storage/layout.ts';
import { readStoredRun } from '../storage/run-record.ts';
import { sha256 } from '../storage/sha256.ts';

/** Compares the manifest of a finished run with its files. Each file is read twice, in pieces. */
export async function* fileChecks(layout: Layout, record: RunRecord): AsyncGenerator<Verification> {
  if (record.status !== 'finished' || (await isPublishing(layout))) {
    yield unknowable('files', record.status, 'the files of a run are in place when it is finished');
    return;
  }
  const manifest = await readStoredRun(layout.manifest);
  if (manifest === null) {
    yield exactly('manifest.json', 'there', 'missing');
    return;
  }
  const { files } = manifest;
  const format = await formatNamed(manifest.format);
  const names = Object.keys(files);
  yield exactly('other files', 'none', shortList(await otherFiles(layout, format, names)) || 'none');
  const contents: Partial<Record<string, FileContent>> = {};
  for (const table of allTables) {
    const all = format.namesOf(table, names);
    let isWhole = all.length > 0;
    let rowsOfAll = 0;
    for (const name of all) {
      const path = join(layout.directory, name);
      if (!(await exists(path))) {
        yield exactly(name, 'there', 'missing');
        isWhole = false;
        continue;
      }
      const { rows, bytes, sha256: hash } = files[name] ?? { rows: 0, bytes: 0, sha256: 'nothing' };
      rowsOfAll += rows;
      yield exactly(`${name}: bytes`, bytes, (await stat(path)).size);
      yield exactly(`${name}: sha256`, hash, await sha256(path));
    }
    if (all.length === 0) yield exactly(format.entry(table), 'there', 'missing');
    if (!isWhole) continue;
    const content = await format.content(layout, table);
    contents[table.name] = content;
    yield exactly(`${format.entry(table)}: rows`, rowsOfAll, content.rows);
    yield exactly(
      `${format.entry(table)}: content`,
      'as the columns say',
      content.problem ?? 'as the columns say',
    );
  }
  yield* countClaims(record, contents);
}

/** The checks of a file's content against the counts of the run. */
function* countClaims(
  { counts, sdkAppId }: RunRecord,
  contents: Partial<Record<string, FileContent>>,
): Generator<Verification> {
  const exported = contents[exportedUsers.name];
  if (exported !== undefined) yield exactly('users exported', counts.exported, exported.rows);
  const counted = {
    conversations: 'conversations',
    contact_groups: 'contactGroups',
    memberships: 'memberships',
  };
  for (const { name } of rowTables) {
    const recorded = counts[counted[name] as 'conversations' | 'contactGroups' | 'memberships'];
    const rows = contents[name]?.rows;
    if (rows !== undefined) yield exactly(`rows of ${name}`, recorded, rows);
    if (exported !== undefined)
      yield exactly(`rows of ${name} by exported_users`, recorded, exported.sums[name] ?? 0);
  }
  const unexported = contents[unexportedUsers.name];
  if (unexported !== undefined) {
    const { not_in_app: notInApp = 0, ...failed } = unexported.reasons;
    yield exactly('users not in the app', counts.notInApp, notInApp);
    yield exactly(
      'users failed',
      counts.failed,
      Object.values(failed).reduce((sum, users) => sum + users, 0),
    );
    yield exactly('users failed, by code', byCode(counts.failures), byCode(unexported.failures));
  }
  const others = Object.values(contents).reduce((sum, content) => sum + (content?.others(sdkAppId) ?? 0), 0);
  yield exactly('rows of another app', 0, others);
}
