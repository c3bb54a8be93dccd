/** For the commands that make secrets. */
export const SECRETS_HELP = `--out DIR writes each credential to a file of mode 0600, named as the service's settings, and shows the lines of the
environment by which the service finds them. --print shows the credentials instead. --for health or --for search names
them as the settings of a client with that task alone.
`;

export const COMMON_HELP = `VERSION   of OpenCRVS: 1.0 to 1.9, or 2.x
ADDRESS   --user-mgnt URL   1.0 to 1.9, e.g. http://user-mgnt:3030 (inside OpenCRVS's own network)
          --events URL      2.x, e.g. http://events:5555 (inside OpenCRVS's own network)
          --gateway URL     1.2 and later, e.g. https://gateway.example.org

The administrator's token is read from standard input, or from --token-file FILE. It is never an argument. It needs
the scope sysadmin (1.0, 1.1), natlsysadmin (1.2 to 1.6), config.update:all (1.7 to 1.9) or integration.create (2.x).
`;

export const REGISTER_HELP = `--type TYPE      NATIONAL_ID, HEALTH; on 1.0 and 1.1 also EXTERNAL_VALIDATION, AGE_CHECK; from 1.2
                 RECORD_SEARCH, WEBHOOK; on 1.9 IMPORT_EXPORT. On 2.x a name for a list of scopes.
--name NAME      as administrators see it; 1.0 and 1.1 take none
--scope SCOPE    2.x, e.g. record.read; may be repeated
--webhook EVENT:PERMISSION,…   what a WEBHOOK client may see; may be repeated
--daily-quota N  searches a day of a RECORD_SEARCH client
--integrating-system MOSIP|OTHER   from 1.3
`;

export const WHICH_HELP = `--client-id ID   the client; on 1.0 and 1.1 instead of it
--system-id ID   the id of its database record, or
--client-token-file FILE   a token of the client itself, whose \`sub\` is that id
`;
