// Reads and changes a user directory from Java, by way of `portcullis worker`: one process, many calls, each a line of
// JSON-RPC 2.0 (`portcullis call --schema`). `java Directory.java`, with `portcullis` on the path, the account's endpoint
// in `PORTCULLIS_ENDPOINT` and its token in `PORTCULLIS_TOKEN`, which the worker reads itself.
//
// JSON is written and read here as text, so that this needs nothing but a JDK; a platform has a library for it.

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

public final class Directory implements AutoCloseable {
    private final Process process;
    private final Writer requests;
    private final Thread reader;
    private final Map<Long, CompletableFuture<String>> waiting = new ConcurrentHashMap<>();
    private final AtomicLong last = new AtomicLong();

    Directory() throws IOException {
        process = new ProcessBuilder("portcullis", "worker").redirectError(ProcessBuilder.Redirect.INHERIT).start();
        requests = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
        reader = new Thread(this::read);
        reader.start();
    }

    /** Calls a function of the contract; the answer is the whole response. Calls that do not wait run side by side. */
    CompletableFuture<String> call(String method, String params) throws IOException {
        long id = last.incrementAndGet();
        var response = new CompletableFuture<String>();
        waiting.put(id, response);
        var request = "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"%s\",\"params\":%s}\n".formatted(id, method, params);
        synchronized (requests) {
            requests.write(request);
            requests.flush();
        }
        return response;
    }

    private static final Pattern ID = Pattern.compile("^\\{\"jsonrpc\":\"2.0\",\"id\":(\\d+),");

    /** Responses come as they are ready, and say by their id whose they are. */
    private void read() {
        var error = new IOException("the worker ended");
        try (var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line; (line = lines.readLine()) != null; ) {
                var id = ID.matcher(line);
                var response = id.find() ? waiting.remove(Long.valueOf(id.group(1))) : null;
                if (response != null) response.complete(line);
            }
        } catch (IOException failure) {
            error = failure;
        }
        for (var response : waiting.values()) response.completeExceptionally(error);
    }

    /** No more requests; what was asked is still answered. */
    @Override
    public void close() throws Exception {
        requests.close();
        reader.join();
        int exit = process.waitFor();
        if (exit != 0) throw new IOException("the worker ended with exit code " + exit);
    }

    /** The first text of this name: enough for a cursor or an id. */
    private static String text(String json, String name) {
        var found = Pattern.compile("\"" + name + "\":\"([^\"\\\\]*)\"").matcher(json);
        return found.find() ? found.group(1) : null;
    }

    public static void main(String[] arguments) throws Exception {
        try (var directory = new Directory()) {
            for (String cursor = "", page; cursor != null; cursor = text(page, "next_cursor")) {
                var from = cursor.isEmpty() ? "" : ",\"cursor\":\"" + cursor + "\"";
                page = directory.call("list-users", "{\"size\":2,\"remote_data\":true" + from + "}").get();
                System.out.println(page);
            }

            // A call that fails is a response as well: the kind says what to do, the effect what was changed.
            System.out.println(directory.call("get-user", "{\"id\":\"nobody\"}").get());

            var joiner = directory.call("create-user", "{\"changes\":{\"username\":\"joiner@acme.example\"}}").get();
            System.out.println(joiner);
            var id = text(joiner, "id");
            var title = "{\"id\":\"" + id + "\",\"changes\":{\"title\":\"Analyst\"},\"verify\":true}";
            System.out.println(directory.call("update-user", title).get());
            System.out.println(directory.call("delete-user", "{\"id\":\"" + id + "\"}").get());

            System.out.println(directory.call("describe", "{}").get());
        }
    }
}
