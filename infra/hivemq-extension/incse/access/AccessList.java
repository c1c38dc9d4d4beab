package incse.access;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the access file says, as `in-cse credentials export` writes it: lines of fields separated by tabs. An `identity` line
 * begins somebody, and `password`, `publish` and `subscribe` lines say more of that one. The last line is `end`, so that a file
 * that is only half there is not taken.
 */
final class AccessList {
  static final AccessList NOBODY = new AccessList(Map.of());

  /** ms since 1970; the end of time where it has none. */
  record Password(int iterations, String salt, String hash, long until) {}

  /** Null for not shared, an empty group for any. */
  record Grant(boolean publish, String filter, String group) {}

  record Identity(String name, boolean service, long until, List<Password> passwords, List<Grant> grants) {}

  private final Map<String, Identity> identities;

  private AccessList(Map<String, Identity> identities) {
    this.identities = identities;
  }

  /** Null where nobody of that name may come in. */
  Identity find(String name) {
    Identity found = identities.get(name);
    return found == null || found.until() <= System.currentTimeMillis() ? null : found;
  }

  int size() {
    return identities.size();
  }

  static AccessList read(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    if (lines.size() < 2 || !lines.get(0).equals("in-cse-access\t1")) throw new IOException("not an access file: " + file);
    if (!lines.get(lines.size() - 1).equals("end")) throw new IOException("not complete: " + file);
    Map<String, Identity> identities = new HashMap<>();
    Identity current = null;
    for (String line : lines.subList(1, lines.size() - 1)) {
      String[] fields = line.split("\t", -1);
      if (fields[0].equals("identity")) {
        current = new Identity(fields[1], fields[2].equals("service"), time(fields[3]), new ArrayList<>(), new ArrayList<>());
        identities.put(fields[1], current);
      } else if (current == null) {
        throw new IOException("nobody stands before the line " + fields[0]);
      } else {
        add(current, fields);
      }
    }
    return new AccessList(identities);
  }

  private static void add(Identity identity, String[] fields) throws IOException {
    switch (fields[0]) {
      case "password" -> identity.passwords().add(
          new Password(Integer.parseInt(fields[1]), fields[2], fields[3], time(fields[4])));
      case "publish" -> identity.grants().add(new Grant(true, fields[1], null));
      case "subscribe" -> identity.grants().add(new Grant(false, fields[2], groupOf(fields[1])));
      default -> throw new IOException("unknown line: " + fields[0]);
    }
  }

  private static String groupOf(String share) throws IOException {
    if (share.equals("none")) return null;
    if (share.equals("any")) return "";
    if (share.startsWith("group:")) return share.substring("group:".length());
    throw new IOException("unknown share: " + share);
  }

  private static long time(String text) {
    return text.equals("-") ? Long.MAX_VALUE : Long.parseLong(text);
  }
}
