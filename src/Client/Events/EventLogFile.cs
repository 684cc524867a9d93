using System.Text.Encodings.Web;
using System.Text.Json;
using MicroSpark.Client.Output;
using MicroSpark.Driver.Events;

namespace MicroSpark.Client.Events;

/// <summary>
/// Writes events to a file as they come, so that what a killed process leaves is readable up to the last line. Jobs are never harmed by it:
/// when it cannot write any more (a full disk), it stops and says so once.
/// </summary>
internal sealed class EventLogFile : IDisposable
{
    private static readonly byte[] s_newLine = [(byte)'\n'];
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Lock _lock = new();
    private readonly Utf8JsonWriter _json;
    private readonly Stream _file;
    private readonly string _path;
    private readonly Action<string> _complain;
    private bool _ended;

    private EventLogFile(Stream file, string path, Action<string> complain)
    {
        (_file, _path, _complain) = (file, path, complain);
        _json = new Utf8JsonWriter(file, s_options);
    }

    /// <exception cref="UsageException">The file cannot be written.</exception>
    public static EventLogFile Open(string path, TextWriter error)
    {
        try
        {
            // Appended to: a program may open several contexts, and a command may be run again.
            // Keys and errors stand in it: only its owner reads a file that is made here. One that is there keeps its rights.
            var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.Read };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            return Of(new FileStream(path, options), path, error);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsageException($"--event-log {path}: {e.Message} Give a file in a folder that you may write to.", e);
        }
    }

    public static EventLogFile Of(Stream file, string path, TextWriter error) => new(file, path, error.WriteLine);

    public void Write(EngineEvent one)
    {
        lock (_lock)
        {
            if (_ended)
            {
                return;
            }

            try
            {
                EventJson.Write(_json, one);
                _json.Flush();
                _json.Reset();
                _file.Write(s_newLine);
                _file.Flush();
            }
            catch (IOException e)
            {
                Break(e);
            }
        }
    }

    /// <summary>What a job that nobody waits for may still tell is too late.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            try
            {
                _json.Dispose();
                _file.Dispose();
            }
            catch (IOException e)
            {
                if (!_ended)
                {
                    Break(e);
                }
            }

            _ended = true;
        }
    }

    private void Break(IOException e)
    {
        _ended = true;
        _complain(
            $"The event log {_path} ends here: {e.Message} The jobs go on without it. Make room, or give --event-log a file on another "
            + $"disk.");
    }
}
