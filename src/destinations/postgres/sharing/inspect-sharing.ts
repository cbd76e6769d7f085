import type pg from 'pg';
import { exitCodes } from '../../../errors/exit-codes.ts';
import { DestinationError, InvalidDestination } from '../../contract/destination-error.ts';
import type { CheckResult } from '../../contract/inspection.ts';
import { mayCreateTables } from '../schema/migrations.ts';
import { INSTALL_PG_BOSS, loadPgBoss } from './pg-boss.ts';
import { queueHindrance } from './queue-rights.ts';
import { queueTables } from './queue-schema.ts';

const subject = 'sharing';

// pg-boss 12, package.json, "engines".
const NODE_OF_PG_BOSS = [22, 12] as const;

/** Whether a run of this process can be shared: pg-boss, its tables and the rights to them. Writes nothing. */
export async function sharingFindings(
  client: pg.ClientBase,
  { schema, migrate }: { readonly schema: string; readonly migrate: boolean },
): Promise<readonly CheckResult[]> {
  const found = await queueFinding(client, schema, migrate);
  return isOlder(process.versions.node) && found.state !== 'fail' ? [found, oldNode] : [found];
}

async function queueFinding(client: pg.ClientBase, schema: string, migrate: boolean): Promise<CheckResult> {
  try {
    const { version: boss } = await loadPgBoss();
    const found = await queueHindrance(client, schema);
    if (found === null) {
      const tables = await queueTables(client, schema);
      const message = `pg-boss ${boss} is installed, and its tables in schema ${tables.schema} are up to date`;
      return { subject, state: 'pass', message };
    }
    if (found.isPending && migrate) {
      if (await mayCreateTables(client, found.schema)) {
        return { subject, state: 'pass', message: `${found.message}; a run creates or migrates them` };
      }
      const message = `${found.message}, and this role may not create tables there`;
      return { subject, state: 'fail', message, hint: found.hint, exitCode: exitCodes.destination };
    }
    const { message, hint } = found;
    return { subject, state: 'fail', message, hint, exitCode: exitCodes.destination };
  } catch (error) {
    // The message says what to do.
    if (!(error instanceof InvalidDestination || error instanceof DestinationError)) throw error;
    const hint = `install pg-boss beside chat-export (${INSTALL_PG_BOSS}), or leave out --share`;
    return { subject, state: 'fail', message: error.message, hint, exitCode: error.exitCode };
  }
}

/** @param node a version of Node.js: `20.19.0` */
export function isOlder(node: string): boolean {
  const [major = 0, minor = 0] = node.split('.').map(Number);
  return major < NODE_OF_PG_BOSS[0] || (major === NODE_OF_PG_BOSS[0] && minor < NODE_OF_PG_BOSS[1]);
}

const oldNode: CheckResult = {
  subject,
  state: 'warn',
  message: `pg-boss asks for Node.js ${NODE_OF_PG_BOSS.join('.')} or later, and this is ${process.version}`,
  hint: 'sharing is tested with this release line, too, but its authors do not support it: use a later Node.js',
};
