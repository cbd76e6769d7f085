/** Marks a cluster as made by this program: the server's own `cluster_name`, which `ps` shows, too. */
export const clusterName = 'chat-export';

/** Settings written into postgresql.conf when a cluster is created. An operator may change them there. */
export const clusterSettings: Readonly<Record<string, string>> = {
  cluster_name: clusterName,
  max_connections: '50',
  shared_buffers: '128MB',
  max_wal_size: '1GB',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** The settings of one start of the server. */
export interface StartSettings {
  readonly socketDir: string;
  /** A TCP port of 127.0.0.1 to listen on as well; without it there is no TCP at all. */
  readonly port?: number | undefined;
  /** `false` gives up safety at a power cut for speed: only for databases that tests throw away. */
  readonly durable: boolean;
}

/**
 * The server's command line. pg_ctl passes it to a shell: `socketDir` may contain only letters, digits and `_./@%+=:-`, which
 * `socketDirectoryFor` guarantees.
 */
export function startOptions({ socketDir, port, durable }: StartSettings): string {
  const settings = [
    `listen_addresses=${port === undefined ? '' : '127.0.0.1'}`,
    `port=${port ?? 5432}`,
    `unix_socket_directories=${socketDir}`,
    'unix_socket_permissions=0700',
    ...(durable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
  ];
  return settings.map((setting) => `-c ${setting}`).join(' ');
}
