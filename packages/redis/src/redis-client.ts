/** What is used of an ioredis client, or of its cluster. */
export interface IoredisClient {
  call(command: string, ...args: string[]): Promise<unknown>
  pipeline(commands: string[][]): { exec(): Promise<readonly (readonly [Error | null, unknown])[] | null> }
}

/** What is used of a node-redis client, or of a pool of them. */
export interface NodeRedisClient {
  sendCommand(args: string[]): Promise<unknown>
  multi(): { addCommand(args: string[]): unknown; execAsPipeline(): Promise<unknown> }
}

/** What is used of a node-redis sentinel client. */
export interface NodeRedisSentinel {
  sendCommand(isReadonly: boolean, args: string[]): Promise<unknown>
  multi(): { addCommand(isReadonly: boolean, args: string[]): unknown; execAsPipeline(): Promise<unknown> }
}

/** What is used of a node-redis cluster. */
export interface NodeRedisCluster {
  readonly masters: readonly unknown[]
  sendCommand(firstKey: string | undefined, isReadonly: boolean, args: string[]): Promise<unknown>
  multi(): {
    addCommand(firstKey: string | undefined, isReadonly: boolean, args: string[]): unknown
    execAsPipeline(): Promise<unknown>
  }
}

/** A client of either library, connected to one server, to what sentinels watch, or to a cluster. */
export type RedisClient = IoredisClient | NodeRedisClient | NodeRedisSentinel | NodeRedisCluster
