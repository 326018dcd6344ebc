// The SDK's components and props, generated at build time from the installed SDK.

import generated from 'sdk-catalogue';

export interface PropEntry {
  /** The allowed strings, where the declared type is a closed set. */
  values?: string[];
}

export interface Catalogue {
  sdkVersion: string;
  components: Record<string, { props: Record<string, PropEntry>; fragments: string[] }>;
}

export const catalogue: Catalogue = generated;
