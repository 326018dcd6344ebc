// Modules that exist only in the build.

declare module 'sdk-catalogue' {
  import type { Catalogue } from './extension/catalogue';
  const catalogue: Catalogue;
  export default catalogue;
}

declare module '*.css';
declare module '@fontsource-variable/lexend-deca';
