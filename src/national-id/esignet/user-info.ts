import { z } from 'zod';

/** What e-Signet tells about who has logged in (reference/mosip.md 5), as far as their consent goes. */
export const UserInfoClaims = z.object({
  iss: z.string().optional(),
  aud: z.union([z.string(), z.array(z.string())]).optional(),
  name: z.string().optional(),
  given_name: z.string().optional(),
  middle_name: z.string().optional(),
  family_name: z.string().optional(),
  birthdate: z.string().optional(),
  gender: z.string().optional(),
  individual_id: z.string().optional(),
});
export type UserInfoClaims = z.infer<typeof UserInfoClaims>;

/** The same as the forms of OpenCRVS take it from opencrvs/mosip. */
export interface UserInfo {
  readonly name: {
    readonly firstname?: string | undefined;
    readonly middlename?: string | undefined;
    readonly surname?: string | undefined;
  };
  readonly gender?: string | undefined;
  /** YYYY-MM-DD. */
  readonly birthDate?: string | undefined;
  readonly verificationStatus: 'authenticated';
  readonly nid: string | null;
}

/** The parts of a name that e-Signet gives whole: the first word, the last one, and what is between. */
function partsOf(name: string | undefined): UserInfo['name'] {
  const words = name?.split(/\s+/).filter((word) => word !== '') ?? [];
  const between = words.slice(1, -1).join(' ');
  return {
    firstname: words[0],
    middlename: between === '' ? undefined : between,
    surname: words.length > 1 ? words.at(-1) : undefined,
  };
}

/** e-Signet writes yyyy/MM/dd; what is no date is left out. */
function dateIn(text: string | undefined): string | undefined {
  return z.iso.date().safeParse(text?.replaceAll('/', '-')).data;
}

/** Turns claims into what OpenCRVS takes. Parts of a name come before a whole one. */
export function toUserInfo(claims: UserInfoClaims): UserInfo {
  const { given_name: firstname, middle_name: middlename, family_name: surname } = claims;
  const isInParts = firstname !== undefined || surname !== undefined;
  return {
    name: isInParts ? { firstname, middlename, surname } : partsOf(claims.name),
    gender: claims.gender?.toLowerCase(),
    birthDate: dateIn(claims.birthdate),
    verificationStatus: 'authenticated',
    nid: claims.individual_id ?? null,
  };
}
