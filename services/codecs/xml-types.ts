/**
 * How the elements of XML representations are typed and ordered (TS-0004 6.3.5, 6.4, 7.4, 8.2; the XSD order is that of the
 * rows). Members of a type are divided by blanks: `name=kind`, where `@name` is an XML attribute and `#name` the text of the
 * element itself. The kind may end in `*` (xs:list: one element, values divided by blanks) or `+` (the element is repeated);
 * both are arrays in JSON. Kinds: `text` (blanks kept), `token` (blanks trimmed), `number`, `boolean`, `any` (free content),
 * `json` (JSON text), `content` (one global element), or the name of a type.
 */

/** Complex types. */
export const complexTypes: Readonly<Record<string, string>> = {
  accessControlRule:
    'acor=token* acop=number acco=accessControlRuleAccessControlContexts+ acaf=boolean ' +
    'acod=accessControlRuleAccessControlObjectDetails+ aca=token*',
  accessControlRuleAccessControlContexts:
    'actw=token+ acip=accessControlRuleAccessControlContextsAccessControlIpAddresses aclr=locationRegion ' +
    'acui=token* acec=evalCriteria acl=number',
  accessControlRuleAccessControlContextsAccessControlIpAddresses: 'ipv4=token* ipv6=token*',
  accessControlRuleAccessControlObjectDetails: 'ty=number spty=specializationType chty=number*',
  activityPattern: 'se=scheduleEntries+ sti=number dsi=number',
  activityPatternElements: 'apt=activityPattern+',
  aggregatedNotification: 'm2m:sgn=notification+',
  aggregatedResponse: 'ri=token m2m:rsp=responsePrimitive+',
  attribute: 'nm=token val=any',
  batchNotify: 'num=number dur=token',
  childResourceRef: '@nm=token @typ=number @spty=token #val=token',
  contentRef: 'urir=contentRefURIReference+',
  contentRefURIReference: 'nm=token uri=token',
  dynAuthDasRequest:
    'or=token trt=number op=number oip=dynAuthDasRequestOriginatorIP olo=locationRegion orid=token* rts=token ' +
    'trid=token ppl=token rfa=token* tids=token* asi=boolean',
  dynAuthDasRequestOriginatorIP: 'ip4=token ip6=token',
  dynAuthLocalTokenIdAssignments: 'ltia=dynAuthLocalTokenIdAssignmentsLocalTokenIdAssignment+',
  dynAuthLocalTokenIdAssignmentsLocalTokenIdAssignment: 'lti=token tkid=token',
  dynAuthTokenReqInfo: 'dasi=dynAuthTokenReqInfoDasInfo+',
  dynAuthTokenReqInfoDasInfo: 'uri=token dreq=dynAuthDasRequest sdr=token',
  e2eSecInfo: 'esf=number* escert=token* esro=receiverESPrimRandObject',
  evalCriteria: 'sbjt=token optr=number thld=any',
  eventNotificationCriteria:
    'crb=token cra=token ms=token us=token sts=number stb=number exb=token exa=token sza=number szb=number ' +
    'om=operationMonitor+ atr=token* net=number+ chty=number* md=missingData fo=number',
  filterCriteria:
    'crb=token cra=token ms=token us=token sts=number stb=number exb=token exa=token lbl=token* clbl=token* ' +
    'palb=token* lbq=text ty=number* chty=number* pty=number* sza=number szb=number cty=token+ atr=attribute+ ' +
    'catr=attribute+ patr=attribute+ fu=number lim=number smf=text+ fo=number cfs=number cfq=text lvl=number ' +
    'ofst=number arp=token ops=number gsf=number gmty=number geom=json',
  geoCoordinates: 'typ=number crd=json',
  listOfChildResourceRef: 'rrf=childResourceRef+',
  locationRegion: 'accr=number* accc=token*',
  missingData: 'num=number dur=token',
  notification:
    'nev=notificationNotificationEvent vrq=boolean sud=boolean sur=token cr=token nfu=token ntt=token trr=boolean ' +
    'tra=boolean idr=notificationIPEDiscoveryRequest aerp=boolean aerid=boolean tid1=token tid2=token',
  notificationIPEDiscoveryRequest: 'or=token fc=filterCriteria',
  notificationNotificationEvent: 'rep=content om=notificationNotificationEventOperationMonitor net=number',
  notificationNotificationEventOperationMonitor: 'op=number or=token',
  operationMonitor: 'ops=number or=token org=token',
  rateLimit: 'mnn=number tww=token',
  receiverESPrimRandObject: 'esri=token esrv=token esrx=token esks=number* espa=number*',
  requestPrimitive:
    'op=number to=token fr=token rqi=token ty=number pc=content rids=token* ot=token rqet=token rset=token ' +
    'oet=token rt=responseTypeInfo rp=token rcn=number ec=number da=boolean gid=text fc=filterCriteria drt=number ' +
    'tkns=token* tids=token* ltids=token* tqi=boolean grtm=token* asi=boolean aus=token* auri=boolean sqi=boolean ' +
    'rvi=token vsi=text',
  // The inner resource is a global element.
  resourceWrapper: 'uri=token',
  responsePrimitive:
    'rsc=number rqi=token pc=content to=token fr=token ot=token rset=token ec=number cnst=number cnot=number ' +
    'ati=dynAuthLocalTokenIdAssignments tqf=dynAuthTokenReqInfo asri=boolean rvi=token vsi=text',
  responseTypeInfo: 'rtv=number nu=token*',
  scheduleEntries: 'sce=token+',
  setOfAcrs: 'acr=accessControlRule+',
  setOfNotificationStatsInfo: 'tg=token rqs=number rsr=number noec=number',
  specializationType: 'cnd=token mgd=number',
  timeSeriesNotificationType: 'mdlt=token* mdc=number',
};

/** Resource types: other global elements in them are child resources, always in arrays (TS-0004 8.4.2). */
export const resourceTypes: Readonly<Record<string, string>> = {
  CSEBase:
    '@rn=token ty=number ri=token pi=token ct=token lt=token lbl=token* acpi=token* daci=token* cst=number ' +
    'csi=token srt=number* poa=token* nl=token csz=token* esi=e2eSecInfo srv=token* ctm=token ncp=any ' +
    'loc=geoCoordinates cstn=token spi=token ici=token ch=childResourceRef+',
  AE:
    '@rn=token ty=number ri=token pi=token ct=token lt=token lbl=token* acpi=token* et=token at=token* aa=token* ' +
    'daci=token* apn=text api=text aei=token poa=token* or=token nl=token rr=boolean csz=token* esi=e2eSecInfo ' +
    'mei=token srv=token* regs=number trps=boolean scp=token* tren=boolean ape=activityPatternElements tri=number ' +
    'trn=number cstn=token ast=number loc=geoCoordinates ch=childResourceRef+',
  container:
    '@rn=token ty=number ri=token pi=token ct=token lt=token lbl=token* acpi=token* et=token at=token* aa=token* ' +
    'st=number daci=token* cr=token mni=number mbs=number mia=number cni=number cbs=number li=token or=token ' +
    'disr=boolean cstn=token ast=number loc=geoCoordinates subi=text* ch=childResourceRef+',
  contentInstance:
    '@rn=token ty=number ri=token pi=token ct=token lt=token lbl=token* et=token at=token* aa=token* st=number ' +
    'cr=token cnf=token cs=number conr=contentRef or=token con=any ast=number loc=geoCoordinates dcnt=number ' +
    'dgt=token ch=childResourceRef+',
  accessControlPolicy:
    '@rn=token ty=number ri=token pi=token ct=token lt=token lbl=token* et=token at=token* aa=token* pv=setOfAcrs ' +
    'pvs=setOfAcrs adri=token* apri=token* airi=token* ast=number ch=childResourceRef+',
  subscription:
    '@rn=token ty=number ri=token pi=token ct=token lt=token lbl=token* acpi=token* et=token daci=token* cr=token ' +
    'enc=eventNotificationCriteria exc=number nu=token* gpi=token nfu=token bn=batchNotify rl=rateLimit ' +
    'psn=number pn=number nsp=number ln=boolean nct=number nec=number su=token acrs=token* cstn=token nse=boolean ' +
    'nsi=setOfNotificationStatsInfo+ eeno=boolean ma=token ch=childResourceRef+',
};

/** Global elements and their kinds (TS-0004 7.5.2, 8.2.4). */
export const globalElements: Readonly<Record<string, string>> = {
  'm2m:cb': 'CSEBase',
  'm2m:ae': 'AE',
  'm2m:cnt': 'container',
  'm2m:cin': 'contentInstance',
  'm2m:acp': 'accessControlPolicy',
  'm2m:sub': 'subscription',
  'm2m:rqp': 'requestPrimitive',
  'm2m:rsp': 'responsePrimitive',
  'm2m:sgn': 'notification',
  'm2m:agn': 'aggregatedNotification',
  'm2m:agr': 'aggregatedResponse',
  'm2m:rrl': 'listOfChildResourceRef',
  'm2m:rce': 'resourceWrapper',
  'm2m:tsn': 'timeSeriesNotificationType',
  'm2m:atrl': 'token*',
  'm2m:uri': 'token',
  'm2m:uril': 'token*',
  'm2m:dbg': 'text',
  'm2m:qres': 'text',
};
