/** The lengths of MOSIP's numbers; what is none of them is a handle, such as a number with a postfix. */
export function individualIdType(individualId: string): 'UIN' | 'VID' | 'HANDLE' {
  if (/^\d{10}$/.test(individualId)) return 'UIN';
  return /^\d{16}$/.test(individualId) ? 'VID' : 'HANDLE';
}
