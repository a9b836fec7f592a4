// Another version of Koa: what is used of it has the same types.
declare module 'koa-2' {
  export { default } from 'koa'
}
