import java.nio.file.Path;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;

/** One Artemis node. Argument: its broker.xml. */
public class ArtemisNode {
  public static void main(String[] arguments) throws Exception {
    EmbeddedActiveMQ node = new EmbeddedActiveMQ();
    node.setConfigResourcePath(Path.of(arguments[0]).toUri().toString());
    node.start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(node)));
    System.out.println("node is ready");
    Thread.currentThread().join();
  }

  private static void stop(EmbeddedActiveMQ node) {
    try {
      node.stop();
    } catch (Exception failure) {
      failure.printStackTrace();
    }
  }
}
