// Some of the options of a function, to pass on to one that knows only these.

/** The options of these names, as far as they are given. */
export const chosenOptions = <Options extends object, Name extends keyof Options & string>(
  options: Options,
  names: readonly Name[],
): Pick<Options, Name> =>
  Object.fromEntries(names.filter(name => Object.hasOwn(options, name)).map(name => [name, options[name]])) as Pick<
    Options,
    Name
  >
