/**
 * How telephone numbers are written in each country (ITU-T E.164 and its national annexes): data.
 *
 * A line reads `country code: countries`, behind a plus sign what is dialled before a number within
 * the country, behind a number sign how many digits a number has where nothing is dialled before
 * it, behind an arrow what is dialled for another country, where that is not 00.
 */
const plans = `
1 →011 : US CA AG AI AS BB BM BS DM DO GD GU JM KN KY LC MP MS PR SX TC TT VC VG VI
7 +8 →810 : RU KZ
20 +0 : EG
27 +0 : ZA
30 #10 : GR
31 +0 : NL
32 +0 : BE
33 +0 : FR
34 #9 : ES
36 +06 : HU
39 #6-11 : IT VA
40 +0 : RO
41 +0 : CH
43 +0 : AT
44 +0 : GB GG IM JE
45 #8 : DK
46 +0 : SE
47 #8 : NO SJ
48 #9 : PL
49 +0 : DE
51 +0 : PE
52 #10 : MX
53 +0 : CU
54 +0 : AR
55 +0 : BR
56 #9 : CL
57 #10 : CO
58 +0 : VE
60 +0 : MY
61 +0 →0011 : AU CC CX
62 +0 : ID
63 +0 : PH
64 +0 : NZ
65 #8 : SG
66 +0 : TH
81 +0 →010 : JP
82 +0 : KR
84 +0 : VN
86 +0 : CN
90 +0 : TR
91 +0 : IN
92 +0 : PK
93 +0 : AF
94 +0 : LK
95 +0 : MM
98 +0 : IR
211 +0 : SS
212 +0 : MA EH
213 +0 : DZ
216 #8 : TN
218 +0 : LY
220 #7 : GM
221 #9 : SN
222 #8 : MR
223 #8 : ML
224 #9 : GN
225 #10 : CI
226 #8 : BF
227 #8 : NE
228 #8 : TG
229 #8-10 : BJ
230 #7-8 : MU
231 +0 : LR
232 +0 : SL
233 +0 : GH
234 +0 →009 : NG
235 #8 : TD
236 #8 : CF
237 #9 : CM
238 #7 : CV
239 #7 : ST
240 #9 : GQ
241 +0 : GA
242 #9 : CG
243 +0 : CD
244 #9 : AO
245 #7-9 : GW
246 #7 : IO
248 #7 : SC
249 +0 : SD
250 +0 : RW
251 +0 : ET
252 +0 : SO
253 #8 : DJ
254 +0 →000 : KE
255 +0 →000 : TZ
256 +0 →000 : UG
257 #8 : BI
258 #8-9 : MZ
260 +0 : ZM
261 +0 : MG
262 +0 : RE YT
263 +0 : ZW
264 +0 : NA
265 +0 : MW
266 #8 : LS
267 #7-8 : BW
268 #8 : SZ
269 #7 : KM
290 #4-5 : SH
291 +0 : ER
297 #7 : AW
298 #6 : FO
299 #6 : GL
350 #8 : GI
351 #9 : PT
352 #4-11 : LU
353 +0 : IE
354 #7 : IS
355 +0 : AL
356 #8 : MT
357 #8 : CY
358 +0 : FI AX
359 +0 : BG
370 +0 : LT
371 #8 : LV
372 #7-8 : EE
373 +0 : MD
374 +0 : AM
375 +8 →810 : BY
376 #6-9 : AD
377 #8-9 : MC
378 #6-10 : SM
380 +0 : UA
381 +0 : RS
382 +0 : ME
383 +0 : XK
385 +0 : HR
386 +0 : SI
387 +0 : BA
389 +0 : MK
420 #9 : CZ
421 +0 : SK
423 #7-9 : LI
500 #5 : FK
501 #7 : BZ
502 #8 : GT
503 #8 : SV
504 #8 : HN
505 #8 : NI
506 #8 : CR
507 #7-8 : PA
508 +0 : PM
509 #8 : HT
590 +0 : GP BL MF
591 +0 : BO
592 #7 : GY
593 +0 : EC
594 +0 : GF
595 +0 : PY
596 +0 : MQ
597 #6-7 : SR
598 +0 : UY
599 #7-8 : CW BQ
670 #7-8 : TL
672 #5-6 : NF
673 #7 : BN
674 #7 : NR
675 #7-8 : PG
676 #5-7 : TO
677 #5-7 : SB
678 #5-7 : VU
679 #7 : FJ
680 #7 : PW
681 #6 : WF
682 #5 : CK
683 #4-7 : NU
685 #5-10 : WS
686 #5-8 : KI
687 #6 : NC
688 #5-7 : TV
689 #6-8 : PF
690 #4-7 : TK
691 #7 : FM
692 #7 : MH
850 +0 : KP
852 #8 →001 : HK
853 #8 : MO
855 +0 : KH
856 +0 : LA
880 +0 : BD
886 +0 →002 : TW
960 #7 : MV
961 +0 : LB
962 +0 : JO
963 +0 : SY
964 +0 : IQ
965 #8 : KW
966 +0 : SA
967 +0 : YE
968 #8 : OM
970 +0 : PS
971 +0 : AE
972 +0 : IL
973 #8 : BH
974 #8 : QA
975 #7-8 : BT
976 +0 : MN
977 +0 : NP
992 #9 : TJ
993 +8 →810 : TM
994 +0 : AZ
995 +0 : GE
996 +0 : KG
998 #9 : UZ
`

export interface NumberPlan {
  readonly code: string
  /** Dialled before a national number; null where nothing is. */
  readonly trunk: string | null
  /** How many digits a national number has, for a pattern: `8` or `7,8`; null where trunk tells. */
  readonly digits: string | null
  /** Dialled before the code of another country. */
  readonly abroad: string
}

/** By ISO 3166-1 alpha-2. */
export const numberPlans: ReadonlyMap<string, NumberPlan> = new Map(
  plans
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [head = '', names = ''] = line.split(' : ')
      const part = (mark: string) =>
        head
          .split(' ')
          .find((one) => one.startsWith(mark))
          ?.slice(1)
      const code = head.split(' ', 1)[0] ?? ''
      const plan: NumberPlan = {
        code,
        trunk: part('+') ?? null,
        digits: part('#')?.replace('-', ',') ?? null,
        abroad: part('→') ?? '00',
      }
      return names.split(' ').map((name) => [name, plan] as const)
    }),
)

/** The code that a number in E.164 begins with, for a pattern: no code begins another one. */
export const countryCode = '1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[0-9]{3}'
