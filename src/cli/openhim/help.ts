export const SETUP_HELP = `The administrator's password is read from standard input, from --password-file FILE, or from the file that
OPENHIM_ADMIN_PASSWORD_FILE names. It is never an argument. Running the command again changes nothing; what has drifted
is repaired and named. Further clients, routes and members that a country added to a channel stay.

--username ADMIN       an administrator of OpenHIM, e.g. root@openhim.org
--out DIR              folder for the passwords it makes, one a file of mode 0600; keep it, the next run reads them
--core-url URL         the API of core; default OPENHIM_API_URL
--ca-file FILE         authority of its certificate; default OPENHIM_CA_FILE
--trust-self-signed    takes any certificate
--mediator-url URL     where core reaches the mediator; default MEDIATOR_URL, else http://national-id-mediator:4000
--mediator-user EMAIL  the mediator's own user; default national-id-mediator@openhim.local
--inbound-username U   what the channels present to the mediator, besides a password; default openhim
--client ID:ROLE,…     a client of the private channels; may be repeated; default national-id-fhir:fhir
--report-outcome       gives the mediator what OPENHIM_REPORT_OUTCOME=true needs
--rotate-inbound       makes a new inbound password; the old one is kept as INBOUND_PASSWORD_PREVIOUS
--reset-passwords      makes new passwords for a user and clients that are there and whose passwords are not in DIR
--dry-run              says what would be done, and does nothing

The exit code is 1 while the channels wait for the mediator to take a new inbound password. More: docs/openhim-setup.md.
`;
