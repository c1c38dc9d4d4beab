/** A file for a broker that says who may connect and do what. */
export interface AccessFile {
  name: string;
  text: string;
  /** To be readable by the broker only. */
  secret: boolean;
  /** To be fitted to the place by an operator: written where there is none, and then left alone. */
  template?: true;
}
