using System.Net;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.DataPlane;

/// <summary>
/// One call of a worker's data plane. It holds the call's patience, and translates all errors into the two on which a caller acts: a worker
/// out of reach and a cancelled token.
/// </summary>
internal sealed class DataPlaneCall : IDisposable
{
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _patience;
    private readonly CancellationTokenSource _either;

    public DataPlaneCall(WorkerId worker, TimeProvider time, CancellationToken caller)
    {
        Worker = worker;
        _caller = caller;
        _patience = new CancellationTokenSource(HttpBlockTransport.Patience, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_patience.Token, caller);
    }

    public WorkerId Worker { get; }

    public CancellationToken Stop => _either.Token;

    /// <summary>Runs one step; the worker's patience starts anew with it.</summary>
    /// <exception cref="WorkerUnreachableException">It broke, or was silent for too long.</exception>
    public async ValueTask<T> GuardAsync<T>(Func<CancellationToken, ValueTask<T>> step)
    {
        _patience.CancelAfter(HttpBlockTransport.Patience);
        try
        {
            return await step(Stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_caller.IsCancellationRequested)
        {
            throw new OperationCanceledException(_caller);
        }
        catch (OperationCanceledException e)
        {
            throw new WorkerUnreachableException(
                Worker, new TimeoutException($"It was silent for {HttpBlockTransport.Patience.TotalSeconds:0} s.", e));
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new WorkerUnreachableException(Worker, e);
        }
    }

    /// <summary>Nobody waits for the answer any more.</summary>
    public void Cancel() => _patience.Cancel();

    public async Task<HttpResponseMessage> CheckAsync(
        HttpResponseMessage response, HttpStatusCode accepted, RequestProof proofs, string nonce)
    {
        var status = response.StatusCode;
        var proof = response.Headers.TryGetValues(RequestProof.ProofHeader, out var values) ? values.FirstOrDefault() : null;
        if (proofs.CheckReply(proof, nonce, (int)status))
        {
            return status is HttpStatusCode.OK || status == accepted
                ? response
                : status is HttpStatusCode.MisdirectedRequest
                    ? throw new WorkerUnreachableException(Worker)
                    : throw new InvalidOperationException($"Worker {Worker} answered {(int)status}: {await TextAsync(response)}");
        }

        if (status is HttpStatusCode.Unauthorized)
        {
            throw new UnauthorizedAccessException(
                $"Worker {Worker} answered: {await TextAsync(response)} Give this process the cluster's MicroSpark:Secret or "
                + $"MicroSpark:SecretFile.");
        }

        // Whoever answered does not know the secret: the worker is gone and its port has another owner.
        throw new WorkerUnreachableException(
            Worker, new UnauthorizedAccessException("Its address answers without a proof of the cluster's secret."));
    }

    public Task<byte[]> ReadAllAsync(HttpResponseMessage response) =>
        GuardAsync(stop => new ValueTask<byte[]>(response.Content.ReadAsByteArrayAsync(stop))).AsTask();

    public void Dispose()
    {
        _either.Dispose();
        _patience.Dispose();
    }

    private async Task<string> TextAsync(HttpResponseMessage response)
    {
        var text = await GuardAsync(stop => new ValueTask<string>(response.Content.ReadAsStringAsync(stop)));
        return text.Length > 1000 ? text[..1000] : text;
    }
}
