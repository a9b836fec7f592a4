export type { IoredisClient, NodeRedisClient, NodeRedisCluster, NodeRedisSentinel, RedisClient } from './redis-client.js'
export { type RedisStoresOptions, redisStores } from './redis-stores.js'
export type { IoredisSubscriber, NodeRedisSubscriber, RedisSubscriber } from './wake-ups.js'
