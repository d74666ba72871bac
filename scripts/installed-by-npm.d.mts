/** Whether the folder holds just what its lock names. */
export declare function isInstalledByNpm(
  root: string, system?: { readonly platform: string; readonly arch: string; readonly libc?: 'glibc' | 'musl' },
): boolean
